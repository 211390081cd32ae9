_florilege_completion() {
    local answer type value IFS=$'\n'
    COMPREPLY=()
    answer=$(env _FLORILEGE_LINE="${COMP_LINE:0:COMP_POINT}" _FLORILEGE_COMPLETE=bash_complete "$1" 2>/dev/null)
    while IFS=',' read -r type value; do
        case $type in
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value"); [[ $value == *: ]] && compopt -o nospace ;;
        esac
    done <<< "$answer"
    return 0
}

complete -o nosort -F _florilege_completion florilege


function _florilege_completion
    set -l typed (commandline -cp | string collect)
    set -l answers (env _FLORILEGE_COMPLETE=fish_complete COMP_WORDS="$typed" COMP_CWORD=(commandline -t) florilege 2>/dev/null)
    for answer in $answers
        set -l parts (string split -m 1 , -- $answer)
        switch $parts[1]
            case file
                __fish_complete_path $parts[2]
            case plain
                printf '%s\n' $parts[2]
        end
    end
end

complete --no-files --keep-order --command florilege --arguments "(_florilege_completion)"


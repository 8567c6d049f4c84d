# Tells awp where the prompt, the command and its output begin, and how the command ended.
# Does nothing in a script or a second time; fish 4 and newer tell all but the folder themselves.
if status is-interactive; and not set -q __awp_shell
    set -g __awp_shell 1

    function __awp_tell_folder --on-variable PWD
        printf '\e]7;file://%s\a' (string escape --style=url -- $PWD)
    end
    __awp_tell_folder

    if test (string split . -- $version)[1] -lt 4
        function __awp_prompt --on-event fish_prompt
            printf '\e]133;A\a'
        end

        function __awp_preexec --on-event fish_preexec
            printf '\e]133;C\a'
        end

        function __awp_postexec --on-event fish_postexec
            printf '\e]133;D;%s\a' $status
        end

        functions --query fish_prompt
        and functions --copy fish_prompt __awp_own_prompt
        and function fish_prompt
            __awp_own_prompt
            printf '\e]133;B\a'
        end
    end
end

# Tells awp where the prompt, the command and its output begin, and how the command ended.
# Wants bash 4.4 or newer; does nothing in an older one, in a script, or a second time.
if [[ $- == *i* && -z ${__awp_shell-} ]] && (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )); then
  __awp_shell=1
  __awp_folder=
  __awp_prompt_begins='\[\e]133;A\a\]'
  __awp_prompt_ends='\[\e]133;B\a\]'
  __awp_output_begins='\e]133;C\a'

  # The first of what runs before a prompt: the status is still that of the command.
  __awp_done() {
    local status=$?
    printf '\e]133;D;%s\a' "$status"
    return "$status"
  }

  __awp_tell_folder() {
    local LC_ALL=C path='' at letter code
    for (( at = 0; at < ${#PWD}; at += 1 )); do
      letter=${PWD:at:1}
      case $letter in
        [a-zA-Z0-9/._~-]) path+=$letter ;;
        *)
          printf -v code '%d' "'$letter"
          printf -v code '%%%02X' "$(( code & 255 ))"
          path+=$code
          ;;
      esac
    done
    printf '\e]7;file://%s\a' "$path"
  }

  # The last of it: whatever makes the prompt anew has done so.
  __awp_prompt() {
    local status=$?
    if [[ $PWD != "$__awp_folder" ]]; then
      __awp_folder=$PWD
      __awp_tell_folder
    fi
    PS1=${PS1//"$__awp_prompt_begins"/}
    PS1=$__awp_prompt_begins${PS1//"$__awp_prompt_ends"/}$__awp_prompt_ends
    if [[ ${PS0-} != *"$__awp_output_begins" ]]; then PS0=${PS0-}$__awp_output_begins; fi
    return "$status"
  }

  if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == 'declare -a'* ]]; then
    PROMPT_COMMAND=(__awp_done "${PROMPT_COMMAND[@]}" __awp_prompt)
  else
    PROMPT_COMMAND=__awp_done$'\n'${PROMPT_COMMAND-}$'\n'__awp_prompt
  fi
fi

# Tells awp where the prompt, the command and its output begin, and how the command ended.
# Does nothing in a script or a second time.
if [[ -o interactive && -z ${__awp_shell-} ]]; then
  __awp_shell=1
  __awp_folder=
  __awp_prompt_begins=$'%{\e]133;A\a%}'
  __awp_prompt_ends=$'%{\e]133;B\a%}'
  # What marks the end of an output without a newline is printed at that very place, before
  # anything else: so that the end is told there, too.
  PROMPT_EOL_MARK=$'%{\e]133;D;%?\a%}'${PROMPT_EOL_MARK-'%B%S%#%s%b'}

  __awp_tell_folder() {
    emulate -L zsh
    setopt no_multibyte
    local folder='' letter
    for letter in ${(s::)PWD}; do
      case $letter in
        [a-zA-Z0-9/._~-]) folder+=$letter ;;
        *) folder+=%${(l:2::0:)$(( [##16] #letter & 255 ))} ;;
      esac
    done
    printf '\e]7;file://%s\a' "$folder"
  }

  __awp_precmd() {
    printf '\e]133;D;%s\a' $?
    if [[ $PWD != "$__awp_folder" ]]; then
      __awp_folder=$PWD
      __awp_tell_folder
    fi
    # Whatever makes the prompt anew has done so.
    PS1=${PS1//"$__awp_prompt_begins"/}
    PS1=$__awp_prompt_begins${PS1//"$__awp_prompt_ends"/}$__awp_prompt_ends
  }

  __awp_preexec() {
    printf '\e]133;C\a'
  }

  autoload -Uz add-zsh-hook
  add-zsh-hook precmd __awp_precmd
  add-zsh-hook preexec __awp_preexec
fi

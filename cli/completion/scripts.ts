/** The shells that podid completes for. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * What a shell reads to complete podid's command line: each asks `podid complete` with the line up to the cursor, and
 * offers files where that answers nothing.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  // Bash takes a word apart at = and :, which ARNs have; what it has of the word by then is not repeated.
  bash: `# podid: completion for bash. Put into ~/.bashrc: source <(podid completion bash)
_podid() {
  local line="\${COMP_LINE:0:COMP_POINT}" IFS=$'\\n'
  local word="\${line##*[[:space:]]}"
  local there="\${word%"\${word##*[=:]}"}"
  COMPREPLY=($(podid complete "$line" 2>/dev/null))
  COMPREPLY=("\${COMPREPLY[@]#"$there"}")
}
complete -o default -F _podid podid
`,
  zsh: `#compdef podid
# podid: completion for zsh. Put into ~/.zshrc, after compinit: source <(podid completion zsh)
_podid() {
  local -a found
  found=("\${(@f)$(podid complete "\${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then
    compadd -- "\${found[@]}"
  else
    _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
compdef _podid podid
`,
  fish: `# podid: completion for fish. Put into ~/.config/fish/config.fish: podid completion fish | source
function __podid_complete
  set -l found (podid complete (commandline -cp | string collect) 2>/dev/null)
  if test -n "$found"
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c podid -f -a '(__podid_complete)'
`,
}

function __canopus_complete
    set -l words (commandline -opc) (commandline -ct)
    canopus complete -- $words[2..-1] 2>/dev/null
end
complete -c canopus -a '(__canopus_complete)'

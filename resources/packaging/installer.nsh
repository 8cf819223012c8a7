; Part of the Windows installer: the command line on the PATH, for the user or the computer that Canopus was installed
; for. PowerShell writes it, because NSIS cuts longer texts than its own limit, and a PATH may be longer.

!macro canopusPath ACTION
  ${if} $installMode == "all"
    StrCpy $R9 "Machine"
  ${else}
    StrCpy $R9 "User"
  ${endif}
  nsExec::ExecToLog '"$SYSDIR\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "$INSTDIR\resources\bin\path.ps1" ${ACTION} $R9 "$INSTDIR\resources\bin"'
  Pop $R9
!macroend

!macro customInstall
  !insertmacro canopusPath add
!macroend

!macro customUnInstall
  !insertmacro canopusPath remove
!macroend

# Puts a folder on the PATH of a user or of the computer, or takes it off; the installer runs it. What else is on the
# PATH stays as it is, variables in it included: GetValue and SetValue of the registry keep them, setx would not.
param(
  [Parameter(Mandatory)] [ValidateSet('add', 'remove')] [string] $Action,
  [Parameter(Mandatory)] [ValidateSet('User', 'Machine')] [string] $Scope,
  [Parameter(Mandatory)] [string] $Folder
)
$ErrorActionPreference = 'Stop'

$key = if ($Scope -eq 'Machine') {
  [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SYSTEM\CurrentControlSet\Control\Session Manager\Environment')
} else {
  [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
}
$old = [string] $key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
$parts = @($old.Split(';') | Where-Object { $_.TrimEnd('\') -ne $Folder.TrimEnd('\') })
if ($Action -eq 'add') { $parts = @($parts | Where-Object { $_ -ne '' }) + $Folder }
$new = $parts -join ';'
if ($new -cne $old) { $key.SetValue('Path', $new, [Microsoft.Win32.RegistryValueKind]::ExpandString) }
$key.Close()

# Writing any variable this way makes Windows tell running programs; this one does not exist.
[Environment]::SetEnvironmentVariable('CANOPUS_PATH_CHANGED', $null, $Scope)

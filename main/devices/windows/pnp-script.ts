/**
 * Lists the present USB devices of Windows as long as the process `parentId` lives: first one line of JSON, then one
 * after every change. `parsePnpLine` reads them. Works without an administrator, and in any language: classes and
 * property keys are named, no text is read.
 *
 * It contains no double quote, so that it can be passed as one argument.
 *
 * Sources, all by Microsoft: Win32_PnPEntity (PNPDeviceID, Service, ConfigManagerErrorCode, Present, CompatibleID),
 * Get-PnpDeviceProperty, DEVPKEY_Device_LocationPaths, DEVPKEY_Device_BusReportedDeviceDesc (what the bus says the
 * device is: a USB device's product string), DEVPKEY_Device_DriverProvider, Win32_SystemConfigurationChangeEvent ("a
 * device has been added or removed, or the configuration changed"). If that event cannot be subscribed to, it looks
 * every 2 s.
 */
export function pnpScript(parentId: number): string {
  return `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
$keys = 'DEVPKEY_Device_LocationPaths', 'DEVPKEY_Device_BusReportedDeviceDesc',
  'DEVPKEY_Device_DriverProvider', 'DEVPKEY_Device_Parent'
function Read-Devices {
  Get-CimInstance -ClassName Win32_PnPEntity -Filter 'PNPDeviceID LIKE ''USB\\\\VID_%'' OR PNPDeviceID LIKE ''USB\\\\ROOT_HUB%''' |
    Where-Object { $_.Present -ne $false -and $_.PNPDeviceID -notmatch '&MI_' } |
    ForEach-Object {
      $data = @{}
      try {
        Get-PnpDeviceProperty -InstanceId $_.PNPDeviceID -KeyName $keys | ForEach-Object { $data[$_.KeyName] = $_.Data }
      } catch { }
      [pscustomobject]@{
        id = $_.PNPDeviceID
        service = $_.Service
        classes = @($_.CompatibleID)
        problem = $_.ConfigManagerErrorCode
        provider = $data['DEVPKEY_Device_DriverProvider']
        product = $data['DEVPKEY_Device_BusReportedDeviceDesc']
        parent = $data['DEVPKEY_Device_Parent']
        paths = @($data['DEVPKEY_Device_LocationPaths'])
      }
    }
}
$patience = 30
try {
  Register-CimIndicationEvent -ClassName Win32_SystemConfigurationChangeEvent -SourceIdentifier canopus
} catch { $patience = 2 }
while (Get-Process -Id ${parentId} -ErrorAction SilentlyContinue) {
  $at = [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()
  $line = [pscustomobject]@{ at = $at; devices = @(Read-Devices) } | ConvertTo-Json -Compress -Depth 4
  [Console]::Out.WriteLine($line)
  if ($patience -eq 2) { Start-Sleep -Seconds 2 }
  else {
    Wait-Event -SourceIdentifier canopus -Timeout $patience | Out-Null
    Remove-Event -SourceIdentifier canopus -ErrorAction SilentlyContinue
  }
}
`;
}

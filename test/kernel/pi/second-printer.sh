#!/bin/sh
# Gives a running Pi a second printer, as KIAUH keeps them: its Klipper, its Moonraker on port 7126, its folder.
set -eu
home=/home/pi
mkdir -p $home/printer_2_data/config $home/printer_2_data/comms $home/moonraker-2
sed -e 's/7125/7126/' -e 's/moonraker-port/moonraker-2-port/' $home/moonraker/moonraker.py > $home/moonraker-2/moonraker.py
printf '[server]\nhost: 127.0.0.1\nport: 7126\n' > $home/printer_2_data/config/moonraker.conf
printf '[mcu]\nserial: /dev/serial/by-id/usb-Klipper_rp2040_E6616407E3546A29-if00\n' > $home/printer_2_data/config/printer.cfg
chown -R pi:pi $home/printer_2_data $home/moonraker-2
cat > /etc/systemd/system/klipper-2.service <<'UNIT'
[Service]
User=pi
ExecStart=/usr/bin/python3 /home/pi/klipper/klippy/klippy.py /home/pi/printer_2_data/config/printer.cfg -a /home/pi/printer_2_data/comms/klippy.sock
[Install]
WantedBy=multi-user.target
UNIT
cat > /etc/systemd/system/moonraker-2.service <<'UNIT'
[Unit]
RequiresMountsFor=/run/share
[Service]
User=pi
ExecStart=/usr/bin/python3 /home/pi/moonraker-2/moonraker.py -d /home/pi/printer_2_data
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now --quiet klipper-2.service moonraker-2.service

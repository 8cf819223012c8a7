#!/bin/sh
# modinfo: every module is there.
echo gs_usb.ko

#!/bin/sh
# Chromium that may not put itself before others: started by root, it gives its threads a priority that starves whatever
# else runs on two cores.
exec setpriv --bounding-set=-sys_nice "$TEAHOUSE_CHROMIUM" "$@"

"""What every test may count on: Ctrl-C works, in this process and in those that it starts.

A shell that runs tests in the background, without job control, starts them with SIGINT ignored, and programs hand that
on to their children.
"""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

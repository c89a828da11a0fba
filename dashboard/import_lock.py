"""One thread at a time loads modules while the server starts.

The server's own thread, the first page's and the one that gets things ready all import pandas and the views within the
same second. Python breaks the deadlock of two threads that import a pair of packages in opposite order by handing one
of them a half-loaded module.
"""

import threading

LOADING = threading.RLock()

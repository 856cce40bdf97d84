# shellcheck shell=bash
# Source this file. `take_lock NAME` waits for an exclusive lock and keeps it until the script ends. The lock uses
# file descriptor 9.

take_lock() {
  mkdir -p target/locks
  exec 9>"target/locks/$1"
  # The lock belongs to the open file, so it outlives this Python process. Not every system has flock(1).
  python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}

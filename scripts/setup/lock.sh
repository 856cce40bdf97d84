# shellcheck shell=bash
# To be sourced. `take_lock NAME`: from here to the end of the script one process at a time does what NAME
# stands for, and another one waits. It uses the descriptor 9.

take_lock() {
  mkdir -p target/locks
  exec 9>"target/locks/$1"
  # The lock belongs to the open file, so it stays when this program ends. Not every system has flock(1).
  python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}

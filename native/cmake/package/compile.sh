# sh compile.sh (c|c++) NODE COMPILER ARGUMENT...
# Compiles as the device's gcc does it: its dialect of C, the types and signs that it has on ARM, and no error where it only warns. The
# switches that an app names come after the dialect, and before what is said of errors; those that only gcc has are left away.
# What the compiler says is kept beside the object file, as OBJECT.txt, for builds that do not compile the file again.
package=${0%/*}
language=$1
node=$2
compiler=$3
shift 3
count=$#
object=
source=
previous=
for argument; do
    [ "$previous" = -o ] && object=$argument
    [ "$previous" = -c ] && source=$argument
    previous=$argument
    case $argument in
    -Ofast) argument=-O3 ;;
    -Og) argument=-O1 ;;
    -mcpu=* | -march=* | -mtune=* | -mfpu=* | -mfloat-abi=* | -mfp16-format=* | -mthumb | -marm | -mword-relocations) continue ;;
    -flto* | -fanalyzer | -fdump-* | -fstack-protector* | -fplan9-extensions | -fno-printf-return-value) continue ;;
    -fno-tree-loop-distribute-patterns | -specs=* | --specs=* | -Wa,* | -pthread) continue ;;
    esac
    set -- "$@" "$argument"
done
shift "$count"
# Assembler knows no C headers.
case $source in
*.s | *.S) exec "$compiler" "$@" ;;
esac
# Clang works out calls with constants of these itself, and so passes over an app's own: the device's gcc calls them. For atoi and its like
# that switch does nothing: native/include/app-libc/stdlib.h.
for name in strtol strtoll strtoul strtoull; do
    set -- "$@" "-fno-builtin-$name"
done
# The app's own functions are marked for instrument.cjs. The device's gcc does not take loops that do nothing to come to an end, nor
# writes through NULL never to happen.
set -- "$@" -fsanitize-coverage=func,trace-pc -fno-finite-loops -fno-delete-null-pointer-checks
set -- "$@" -Qunused-arguments -Wno-error "@$package/warnings.txt"
if [ "$language" = c ]; then
    set -- -std=c11 -D_POSIX_C_SOURCE "$@"
fi
set -- "$compiler" -funsigned-char -include "$package/device-types.h" "$@"
if [ -z "$object" ]; then
    exec "$@"
fi
# Whether main is one that clang compiles and the C library can't call.
odd_main() {
    [ -n "$source" ] || return 1
    grep -q "'main'" "$object.txt" || tr '\n' ' ' <"$source" | grep -Eq '[^_[:alnum:]]main *\([^(),]*,[^(),]*,[^(),]*\) *\{'
}
outcome=failed
if "$@" 2>"$object.txt"; then
    outcome=compiled
fi
if [ $outcome = failed ] || odd_main; then
    exec "$node" "$package/compile-again.cjs" $outcome "$object" "$@"
fi
[ ! -s "$object.txt" ] || cat "$object.txt" >&2

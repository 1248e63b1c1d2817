# The headers of wolfSSL of which there is no call, nor a type: they are there, so that the link can say which call is missing.
set(wolfssl_headers
    callbacks.h crl.h internal.h ocsp.h)
list(APPEND wolfssl_headers
    wolfcrypt/arc4.h wolfcrypt/blake2.h wolfcrypt/camellia.h wolfcrypt/compress.h wolfcrypt/cpuid.h wolfcrypt/cryptocb.h
    wolfcrypt/curve448.h wolfcrypt/eccsi.h wolfcrypt/ed448.h wolfcrypt/fe_operations.h wolfcrypt/fips_test.h
    wolfcrypt/ge_operations.h wolfcrypt/kdf.h wolfcrypt/md2.h wolfcrypt/md4.h wolfcrypt/mem_track.h wolfcrypt/misc.h
    wolfcrypt/pkcs11.h wolfcrypt/pkcs12.h wolfcrypt/pkcs7.h wolfcrypt/rc2.h wolfcrypt/ripemd.h wolfcrypt/sakke.h
    wolfcrypt/siphash.h wolfcrypt/sp.h wolfcrypt/sp_int.h wolfcrypt/srp.h wolfcrypt/tfm.h wolfcrypt/visibility.h
    wolfcrypt/wc_encrypt.h wolfcrypt/wc_pkcs11.h wolfcrypt/wolfevent.h wolfcrypt/wolfmath.h)
list(APPEND wolfssl_headers
    openssl/aes.h openssl/asn1.h openssl/bio.h openssl/bn.h openssl/buffer.h openssl/conf.h openssl/crypto.h
    openssl/des.h openssl/dh.h openssl/dsa.h openssl/ec.h openssl/ecdh.h openssl/ecdsa.h openssl/ed25519.h
    openssl/engine.h openssl/err.h openssl/evp.h openssl/hmac.h openssl/lhash.h openssl/md4.h openssl/md5.h
    openssl/objects.h openssl/ocsp.h openssl/opensslconf.h openssl/opensslv.h openssl/ossl_typ.h openssl/pem.h
    openssl/pkcs12.h openssl/pkcs7.h openssl/rand.h openssl/rc4.h openssl/ripemd.h openssl/rsa.h openssl/sha.h
    openssl/sha3.h openssl/ssl23.h openssl/stack.h openssl/tls1.h openssl/ui.h openssl/x509.h openssl/x509_vfy.h
    openssl/x509v3.h)

# Writes them to FOLDER: each has what its neighbours share.
function(write_wolfssl_headers FOLDER)
  foreach(name IN LISTS wolfssl_headers)
    set(shared wolfssl/ssl.h)
    if(name MATCHES "^openssl/")
      set(shared wolfssl/openssl/ssl.h)
    elseif(name MATCHES "^wolfcrypt/")
      set(shared wolfssl/wolfcrypt/types.h)
    endif()
    file(WRITE ${FOLDER}/${name} "// sphere-iot has none of the calls of this header of wolfSSL: docs/apps.md.\n#include <${shared}>\n")
  endforeach()
endfunction()

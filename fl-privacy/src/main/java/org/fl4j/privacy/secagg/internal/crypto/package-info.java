/** Primitives: X25519 and Ed25519 with fresh keys, SHA-256, HKDF, boxes and tags under single-use keys. */
@NullMarked
package org.fl4j.privacy.secagg.internal.crypto;

import org.jspecify.annotations.NullMarked;

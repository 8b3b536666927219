/** Shamir's sharing over the field of 2^61 - 1 elements, commitments to shares, and the shares that a server collects. */
@NullMarked
package org.fl4j.privacy.secagg.internal.sharing;

import org.jspecify.annotations.NullMarked;

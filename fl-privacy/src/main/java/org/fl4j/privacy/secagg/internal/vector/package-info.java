/**
 * Vectors of integers modulo 2^k: the plan of widths and steps, rounding, packing to the bit, and the masks that are added and
 * removed.
 */
@NullMarked
package org.fl4j.privacy.secagg.internal.vector;

import org.jspecify.annotations.NullMarked;

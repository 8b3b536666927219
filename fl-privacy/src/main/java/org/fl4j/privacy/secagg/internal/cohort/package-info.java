/**
 * The clients of a round: sets of clients, the graph of clients that mask with each other, and from n and the tolerance its degree, the threshold and
 * the number of survivors that a round needs.
 */
@NullMarked
package org.fl4j.privacy.secagg.internal.cohort;

import org.jspecify.annotations.NullMarked;

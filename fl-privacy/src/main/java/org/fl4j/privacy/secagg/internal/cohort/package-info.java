/**
 * Who is in a round: sets of clients, the graph of who masks with whom, and from n and the tolerance its degree, the threshold and
 * the number of survivors that a round needs.
 */
@NullMarked
package org.fl4j.privacy.secagg.internal.cohort;

import org.jspecify.annotations.NullMarked;

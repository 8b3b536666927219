/** Differentially private releases: clipping, exact noise, the budget and its ledger. */
@NullMarked
package org.fl4j.privacy.dp;

import org.jspecify.annotations.NullMarked;

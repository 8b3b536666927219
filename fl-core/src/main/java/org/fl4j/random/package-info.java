/** Reproducible randomness: every random number of a run is derived from its seed, round, client and purpose. */
@NullMarked
package org.fl4j.random;

import org.jspecify.annotations.NullMarked;

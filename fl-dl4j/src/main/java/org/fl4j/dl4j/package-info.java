/** Adapters that make DL4J networks and SameDiff graphs models of FL4J. */
@NullMarked
package org.fl4j.dl4j;

import org.jspecify.annotations.NullMarked;

/** The root: what every package of FL4J may throw. */
@NullMarked
package org.fl4j;

import org.jspecify.annotations.NullMarked;

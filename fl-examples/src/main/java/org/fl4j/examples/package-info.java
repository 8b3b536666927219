/** Runnable examples. */
@NullMarked
package org.fl4j.examples;

import org.jspecify.annotations.NullMarked;

/** Fewer bits for what travels. */
@NullMarked
package org.fl4j.compression;

import org.jspecify.annotations.NullMarked;

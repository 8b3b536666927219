/** How records are written down: a versioned, checksummed binary form and atomic files. No Java serialisation. */
@NullMarked
package org.fl4j.binary;

import org.jspecify.annotations.NullMarked;

/** Models of the library's own, for examples in rows: they need no DL4J and no ND4J backend. */
@NullMarked
package org.fl4j.models;

import org.jspecify.annotations.NullMarked;

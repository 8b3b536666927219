/** Secure aggregation: the server learns the sum of the clients' vectors and nothing else of them. */
@NullMarked
package org.fl4j.privacy.secagg;

import org.jspecify.annotations.NullMarked;

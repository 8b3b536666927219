package org.fl4j.simulation;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.lang.reflect.Method;
import org.fl4j.secure.SecureAggregator;
import org.junit.jupiter.api.Test;

class TroubledRuleTest {

    /** What it does not pass on would be a default, and another rule: without a guard, without an objective. */
    @Test
    void passesOnEveryMethodOfARule() {
        for (Method method : SecureAggregator.class.getMethods()) {
            assertDoesNotThrow(
                    () -> TroubledRule.class.getDeclaredMethod(method.getName(), method.getParameterTypes()));
        }
    }
}

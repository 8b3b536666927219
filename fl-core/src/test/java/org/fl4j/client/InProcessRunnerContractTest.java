package org.fl4j.client;

import org.fl4j.testkit.ClientRunnerContract;
import org.junit.jupiter.api.Nested;

/** The contract for fewer and more threads than processors, with and without room for stragglers. */
class InProcessRunnerContractTest {

    @Nested
    class OneThread extends ClientRunnerContract {
        @Override
        protected ClientRunner newRunner() {
            return InProcessRunner.of(1);
        }
    }

    @Nested
    class OneThreadWithAWindow extends ClientRunnerContract {
        @Override
        protected ClientRunner newRunner() {
            return InProcessRunner.of(1).withWindow(7);
        }
    }

    @Nested
    class TwoThreads extends ClientRunnerContract {
        @Override
        protected ClientRunner newRunner() {
            return InProcessRunner.of(2);
        }
    }

    @Nested
    class EightThreads extends ClientRunnerContract {
        @Override
        protected ClientRunner newRunner() {
            return InProcessRunner.of(8);
        }
    }

    @Nested
    class EightThreadsWithAWindow extends ClientRunnerContract {
        @Override
        protected ClientRunner newRunner() {
            return InProcessRunner.of(8).withWindow(100);
        }
    }
}

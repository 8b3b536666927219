package org.fl4j.testkit;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Programs that must not compile, each beside its twin that must. */
public abstract class ForbiddenPrograms {

    @TempDir
    private Path classes;

    /** The imports of the programs as they stand in a source file: of fl-core and the test kit, unless it is overridden. */
    protected String imports() {
        return """
                import org.fl4j.*;
                import org.fl4j.aggregation.*;
                import org.fl4j.client.*;
                import org.fl4j.model.*;
                import org.fl4j.secure.*;
                import org.fl4j.server.*;
                import org.fl4j.weights.*;
                import org.fl4j.testkit.*;
                """;
    }

    protected abstract Stream<ForbiddenProgram> programs();

    @TestFactory
    Stream<DynamicTest> isRejectedWhereItsTwinIsNot() {
        return programs()
                .map(program -> DynamicTest.dynamicTest(program.toString(), () -> program.check(imports(), classes)));
    }
}

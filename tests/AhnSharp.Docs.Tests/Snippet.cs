using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>Compiles C# of a page against the libraries that a reader would reference.</summary>
internal static class Snippet
{
    // Namespaces that a reader's editor adds.
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Threading;
        using System.Threading.Tasks;

        """;

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>
    /// Errors and warnings, for a reader copies them too, of the blocks as one program, one behind the other, each where it stands on its
    /// page.
    /// </summary>
    /// <param name="before">What the blocks take for granted and do not say.</param>
    /// <param name="blocks">Statements.</param>
    public static IReadOnlyList<string> Breaches(string before, IReadOnlyList<Block> blocks)
    {
        List<string> lines = [.. (Usings + before).Split('\n')], places = [.. lines.Select(line => $"before the blocks, '{line}'")];
        foreach (Block block in blocks)
        {
            string[] own = block.Text.Split('\n');
            lines.AddRange(own);
            places.AddRange(own.Select((_, i) => $"{block.Path}:{block.Line + 1 + i}"));
        }
        return Breaches(Compilation(string.Join('\n', lines), OutputKind.ConsoleApplication), places);
    }

    /// <summary>The same of a block that is a file of types.</summary>
    public static IReadOnlyList<string> Breaches(Block block) =>
        Breaches(
            Compilation(block.Text, OutputKind.DynamicallyLinkedLibrary),
            [.. block.Text.Split('\n').Select((_, i) => $"{block.Path}:{block.Line + 1 + i}")]);

    /// <summary>A block that is a file of types, loaded.</summary>
    public static Assembly Load(Block block)
    {
        using MemoryStream image = new();
        EmitResult result = Compilation(block.Text, OutputKind.DynamicallyLinkedLibrary).Emit(image);
        Assert.True(result.Success, $"{block}: {string.Join("\n", result.Diagnostics)}");
        return Assembly.Load(image.ToArray());
    }

    private static IReadOnlyList<string> Breaches(CSharpCompilation compilation, IReadOnlyList<string> places) =>
    [
        .. compilation.GetDiagnostics().Where(found => found.Severity >= DiagnosticSeverity.Warning)
            .Select(found => $"{PlaceOf(found.Location, places)}: {found.Id} {found.GetMessage()}"),
    ];

    private static string PlaceOf(Location location, IReadOnlyList<string> places) =>
        location.IsInSource ? places[location.GetLineSpan().StartLinePosition.Line] : "all";

    private static CSharpCompilation Compilation(string code, OutputKind kind)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest));
        CSharpCompilationOptions options = new(kind, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create("Snippet", [tree], s_references, options);
    }
}

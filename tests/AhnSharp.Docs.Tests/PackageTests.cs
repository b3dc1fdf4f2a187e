using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>What the packages hold, as .ci/run packs them: <c>dotnet pack -c Release -o artifacts/packages</c>.</summary>
public sealed class PackageTests
{
    private static readonly string[] s_libraries =
    [
        "AhnSharp", "AhnSharp.Demo", "AhnSharp.Documents", "AhnSharp.Extensions.AI", "AhnSharp.Gpu", "AhnSharp.Hub", "AhnSharp.Server",
    ];

    // It has the demo model among its files.
    private static readonly string[] s_notInTheTool = ["AhnSharp.Demo"];

    public static TheoryData<string> Libraries() => [.. s_libraries];

    [PackagesFact]
    public void There_are_the_libraries_and_the_tool_and_nothing_else() =>
        Assert.Equal([.. s_libraries, "ahn"], Packages("*.nupkg").Select(IdOf).Order(StringComparer.Ordinal));

    [PackagesTheory]
    [MemberData(nameof(Libraries))]
    public void A_library_has_its_assembly_documentation_and_symbols(string id)
    {
        using ZipArchive package = Open(id, "nupkg"), symbols = Open(id, "snupkg");
        Assert.True(package.GetEntry($"lib/net10.0/{id}.dll") is { Length: > 0 }, $"{id}: expected its assembly");
        Assert.True(package.GetEntry($"lib/net10.0/{id}.xml") is { Length: > 1000 }, $"{id}: expected the documentation of its members");
        Assert.True(symbols.GetEntry($"lib/net10.0/{id}.pdb") is { Length: > 0 }, $"{id}: expected symbols in a package of their own");
        Assert.Null(package.GetEntry($"lib/net10.0/{id}.pdb"));
    }

    [PackagesFact]
    public void Every_package_has_a_readme_an_icon_a_licence_and_says_what_it_is()
    {
        foreach (string path in Packages("*.nupkg"))
        {
            string id = IdOf(path);
            using ZipArchive package = ZipFile.OpenRead(path);
            XElement metadata = Nuspec(package).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
            Dictionary<string, XElement> told = metadata.Elements().ToDictionary(element => element.Name.LocalName);
            Assert.Equal(("README.md", "icon.png", "MIT"), (told["readme"].Value, told["icon"].Value, told["license"].Value));
            Assert.True(told["description"].Value.Length > 40, $"{id}: expected a description");
            Assert.Contains("qwen", told["tags"].Value, StringComparison.Ordinal);
            Assert.StartsWith("# ", Text(package, "README.md"), StringComparison.Ordinal);
            // A PNG of 128 by 128: width and height stand big-endian behind the 16 bytes of signature and chunk head.
            using BinaryReader icon = new(package.GetEntry("icon.png")!.Open());
            byte[] head = icon.ReadBytes(24);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], head[..4]);
            Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128], head[16..24]);
            Assert.Matches("^[0-9a-f]{40}$", told["repository"].Attribute("commit")!.Value);
        }
    }

    [PackagesFact]
    public void A_library_asks_for_nothing_that_only_builds_it()
    {
        foreach (string id in s_libraries)
        {
            using ZipArchive package = Open(id, "nupkg");
            IEnumerable<string> needs = Nuspec(package).Descendants().Where(element => element.Name.LocalName == "dependency")
                .Select(element => element.Attribute("id")!.Value);
            Assert.DoesNotContain(needs, need => need.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
        }
    }

    [PackagesFact]
    public void The_tool_brings_the_demo_model_and_the_libraries()
    {
        using ZipArchive package = Open("ahn", "nupkg");
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        string[] libraries = [.. s_libraries.Where(library => !s_notInTheTool.Contains(library)).Select(library => library + ".dll")];
        string[] files = ["ahn.dll", .. libraries, "gguf/ahn-demo-q8_0.gguf", "gguf/dracula.txt"];
        foreach (string file in files) Assert.Contains($"tools/net10.0/any/{file}", names);
    }

    [PackagesFact]
    public void The_package_of_the_demo_model_is_the_only_library_with_the_file()
    {
        foreach (string id in s_libraries)
        {
            using ZipArchive package = Open(id, "nupkg");
            IEnumerable<string> models =
                package.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".gguf", StringComparison.Ordinal));
            Assert.Equal(id == "AhnSharp.Demo" ? ["gguf/ahn-demo-q8_0.gguf"] : [], models);
        }
        using ZipArchive demo = Open("AhnSharp.Demo", "nupkg");
        Assert.NotNull(demo.GetEntry("buildTransitive/AhnSharp.Demo.targets"));
    }

    private static string Folder => Path.Combine(Page.Repository, "artifacts", "packages");

    private static string[] Packages(string pattern) => Directory.GetFiles(Folder, pattern);

    // AhnSharp.Documents.0.1.0.nupkg → AhnSharp.Documents
    private static string IdOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return string.Join('.', name.Split('.').TakeWhile(part => !char.IsAsciiDigit(part[0])));
    }

    private static ZipArchive Open(string id, string ending) =>
        ZipFile.OpenRead(Assert.Single(Packages("*." + ending), path => IdOf(path) == id));

    private static XDocument Nuspec(ZipArchive package)
    {
        using Stream stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }

    private static string Text(ZipArchive package, string name)
    {
        using StreamReader reader = new(package.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private static string? Missing =>
        Directory.Exists(Folder) ? null : "needs artifacts/packages: dotnet pack -c Release -o artifacts/packages";

    /// <summary>A test of packages, skipped by name where none were made.</summary>
    private sealed class PackagesFactAttribute : FactAttribute
    {
        public PackagesFactAttribute() => Skip = Missing;
    }

    /// <inheritdoc cref="PackagesFactAttribute"/>
    private sealed class PackagesTheoryAttribute : TheoryAttribute
    {
        public PackagesTheoryAttribute() => Skip = Missing;
    }
}

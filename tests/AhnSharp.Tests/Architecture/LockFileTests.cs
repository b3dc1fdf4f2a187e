using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Tests.Architecture;

/// <summary>packages.lock.json beside every project: what restore may take, with its hash.</summary>
public sealed partial class LockFileTests
{
    [Fact]
    public void Every_project_has_a_lock_that_fits_the_central_versions()
    {
        Dictionary<string, string> central = Central().Matches(Read("Directory.Packages.props"))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
        Assert.True(central.Count > 10);
        // The analyzers of trimming, whose version is pinned beside them.
        central["Microsoft.NET.ILLink.Tasks"] = Pinned().Match(Read("Directory.Build.targets")).Groups[1].Value;
        string[] projects = [.. Solution().Matches(Read("AhnSharp.sln")).Select(match => match.Groups[1].Value.Replace('\\', '/'))];
        Assert.True(projects.Length > 20);
        FileShapeTests.AssertNone(projects.SelectMany(project => Breaches(project, central)));
    }

    private static IEnumerable<string> Breaches(string project, Dictionary<string, string> central)
    {
        string path = $"{Path.GetDirectoryName(project)}/packages.lock.json";
        if (!File.Exists(Path.Combine(Fixture.Repository, path)))
        {
            yield return $"{path}: expected a lock, found none; dotnet restore writes it";
            yield break;
        }
        using JsonDocument json = JsonDocument.Parse(Read(path));
        foreach (JsonProperty framework in json.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            // An image's graph has packs of the compiler and the runtime, whose versions are the SDK's: another SDK would not restore.
            if (framework.Name != "net10.0") yield return $"{path}: expected net10.0 alone, found {framework.Name}";
            foreach (JsonProperty package in framework.Value.EnumerateObject())
            {
                string type = package.Value.GetProperty("type").GetString()!;
                if (type == "Project") continue;
                string found = package.Value.GetProperty("resolved").GetString()!;
                if (!package.Value.TryGetProperty("contentHash", out _)) yield return $"{path}: {package.Name} has no hash";
                if (type != "Direct") continue;
                string expected = central.GetValueOrDefault(package.Name, "no package of that name");
                if (expected != found) yield return $"{path}: {package.Name}: expected {expected}, found {found}; run dotnet restore";
            }
        }
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Fixture.Repository, path));

    [GeneratedRegex(@"PackageVersion Include=""([^""]+)"" Version=""([^""]+)""")]
    private static partial Regex Central();

    [GeneratedRegex(@"ILLinkPackVersion=""([^""]+)""")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"= ""[^""]+"", ""([^""]+\.csproj)""")]
    private static partial Regex Solution();
}

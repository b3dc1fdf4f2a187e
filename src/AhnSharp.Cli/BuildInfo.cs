using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using AhnSharp.Kernels;
using AhnSharp.Machine;

namespace AhnSharp.Cli;

/// <summary>Which build of the command this is.</summary>
internal static class BuildInfo
{
    private const int CommitCharacters = 12;
    private static readonly string s_informational = InformationalVersion(typeof(BuildInfo).Assembly);

    /// <summary>For example 0.1.0.</summary>
    internal static string Version => s_informational.Split('+')[0];

    /// <summary>The commit it was built from; "unknown" where it was built outside a clone.</summary>
    internal static string Commit => s_informational.Split(
        '+') is [_, { Length: > 0 } commit, ..] ? commit[..System.Math.Min(CommitCharacters, commit.Length)] : "unknown";

    /// <summary>For example: JIT, JIT single file, NativeAOT x86-64-v3. Set by the project file.</summary>
    internal static string Kind { get; } =
        typeof(BuildInfo).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "BuildKind").Value!.Trim();

    /// <summary>What <c>ahn --version</c> prints.</summary>
    internal static IEnumerable<string> Lines()
    {
        yield return $"{Version} (commit {Commit}), {Kind}";
        yield return $"kernels {Kernels()} on {CpuName.Here}: "
            + $"{string.Join(", ", KernelTable.InstructionSets.Where(set => set.Found).Select(set => set.Name))}";
    }

    /// <summary>The tier in use and why.</summary>
    internal static string Kernels()
    {
        string active = KernelTable.NameOf(KernelTable.Active), detected = KernelTable.NameOf(KernelTable.Detected);
        return active == detected ? active : $"{active} (forced by {KernelTable.Variable}, widest {detected})";
    }

    /// <summary>The version that an assembly's makers gave it, commit and all.</summary>
    internal static string InformationalVersion(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? assembly.GetName().Version?.ToString() ?? "unknown";
}

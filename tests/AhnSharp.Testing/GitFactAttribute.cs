using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>A test that compares with git, and is skipped by name where there is none.</summary>
public sealed class GitFactAttribute : FactAttribute
{
    public GitFactAttribute()
    {
        if (!HasGit()) Skip = "needs git";
    }

    private static bool HasGit()
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", "--version") { RedirectStandardOutput = true })!;
            git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

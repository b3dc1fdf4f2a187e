using System.Collections.Generic;

namespace AhnSharp.Documents;

/// <summary>What a process that reads a document cannot do here, each tried by such a process.</summary>
/// <param name="NoWriting">It can neither write, make nor remove a file.</param>
/// <param name="NoNetwork">It can open no connection.</param>
/// <param name="NoPrograms">It can start no other program.</param>
/// <param name="LandlockVersion">Of the kernel's Landlock, whose rules hold besides the filter of system calls;
/// 0 where there is none.</param>
public sealed record DocumentSandbox(bool NoWriting, bool NoNetwork, bool NoPrograms, int LandlockVersion)
{
    /// <summary>One sentence of it all.</summary>
    public string Sentence
    {
        get
        {
            List<string> taken = [], left = [];
            (NoNetwork ? taken : left).Add("network");
            (NoWriting ? taken : left).Add("writing");
            (NoPrograms ? taken : left).Add("other programs");
            string without = taken.Count == 0 ? "" : $", without {string.Join(", ", taken)}";
            string by = taken.Count == 0 ? "" : LandlockVersion > 0 ? $" (seccomp, Landlock {LandlockVersion})" : " (seccomp)";
            string with = left.Count == 0 ? "" : $"; this system does not let it give up: {string.Join(", ", left)}";
            return $"in a process of their own{without}{by}{with}";
        }
    }
}

using System.Runtime.InteropServices;

namespace AhnSharp.Launcher;

/// <summary>Replaces this process by another image: the process id, the terminal, signals and the exit code stay one program's.</summary>
internal static partial class Handover
{
    /// <summary>Returns only where it could not: the system's word for why.</summary>
    internal static string To(string image, string[] arguments)
    {
        // execv reads up to a null pointer.
        string?[] argv = [image, .. arguments, null];
        _ = Execute(image, argv);
        return Marshal.GetLastPInvokeErrorMessage();
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] argv);
}

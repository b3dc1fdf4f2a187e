using System.IO;
using System.Runtime.CompilerServices;

namespace AhnSharp.Documents.Host;

/// <summary>
/// AhnSharp.Documents, which lies beside this program. The library is built after it and brings it along, so it is named, not referenced.
/// </summary>
internal static class Library
{
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Run")]
    public static extern int Run(
        [UnsafeAccessorType(
            "AhnSharp.Documents.DocumentHost, AhnSharp.Documents")] object? host, string[] args, Stream input, Stream output);
}

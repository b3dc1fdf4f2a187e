using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using AhnSharp.Cluster.Storage;

namespace AhnSharp.Cluster.Tests;

/// <summary>A process that counts a number of the folder up, as others do at the same time.</summary>
internal static class VersionRace
{
    public const string Name = "counter";

    public static int Main(string[] args)
    {
        VersionedFolder folder = new(args[0]);
        int times = int.Parse(args[1], CultureInfo.InvariantCulture), refused = 0;
        for (int done = 0; done < times;)
        {
            (long number, long version) = Read(folder);
            byte[] next = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(next, number + 1);
            try
            {
                folder.Write(Name, version, next);
                done++;
            }
            catch (VersionConflictException)
            {
                refused++;
            }
        }
        Console.WriteLine(refused);
        return 0;
    }

    public static (long Number, long Version) Read(VersionedFolder folder) => folder.Read(Name) is { } value
        ? (BinaryPrimitives.ReadInt64LittleEndian(value.Bytes.Span), value.Version) : (0, 0);

    public static Process Start(string folder, int times) => Process.Start(new ProcessStartInfo(
        "dotnet", ["exec", typeof(VersionRace).Assembly.Location, folder, times.ToString(CultureInfo.InvariantCulture)])
    {
        RedirectStandardOutput = true,
    })!;
}

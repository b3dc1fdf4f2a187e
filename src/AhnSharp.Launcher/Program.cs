using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.Intrinsics.X86;
using AhnSharp.Launcher;

// ahn, where two images of it lie beside this one: ahn-x64-v3 (AVX2) and ahn-x64-v4 (AVX-512). An image compiled ahead of time carries one
// instruction set and aborts on a processor below it, so this one, which needs none, looks first and hands over to the right one.
// AHN_LAUNCHER=dry-run prints the choice and starts nothing; AHN_LAUNCHER=v3 or v4 chooses.
const int CannotRun = 1, Misused = 2;
(int level, IReadOnlyList<string> missing) = X86Base.IsSupported
    ? X64Level.Of(leaf =>
    {
        (int eax, int ebx, int ecx, int edx) = X86Base.CpuId((int)leaf, 0);
        return ((uint)eax, (uint)ebx, (uint)ecx, (uint)edx);
    })
    : (0, ["an x86-64 processor"]);

string wish = Environment.GetEnvironmentVariable("AHN_LAUNCHER") ?? "";
if (wish is not ("" or "dry-run" or "v3" or "v4"))
{
    Console.Error.WriteLine($"ahn: AHN_LAUNCHER: expected dry-run, v3 or v4, found '{wish}'.");
    return Misused;
}
if (level == 0)
{
    Console.Error.WriteLine(
        $"ahn: this processor lacks {string.Join(", ", missing)}, which the images compiled ahead of time need (x86-64-v3: Intel Haswell, "
            + $"AMD Excavator or newer); take the download ahn-linux-x64-jit, which runs on every x86-64 processor.");
    return CannotRun;
}
if (wish == "v4" && level < 4)
{
    Console.Error.WriteLine("ahn: AHN_LAUNCHER=v4: this processor or system has no AVX-512; leave the variable out.");
    return CannotRun;
}
string image = Path.Combine(AppContext.BaseDirectory, wish == "v3" || level == 3 ? "ahn-x64-v3" : "ahn-x64-v4");
if (wish == "dry-run")
{
    Console.WriteLine(image);
    return 0;
}
string problem = Handover.To(image, args);
Console.Error.WriteLine(
    $"ahn: expected the image {image} beside this program, and could not start it ({problem}): unpack the whole download.");
return CannotRun;

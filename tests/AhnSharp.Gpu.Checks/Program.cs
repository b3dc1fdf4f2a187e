using System;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using AhnSharp.Gpu.Devices;

// AhnSharp.Gpu.Checks [DEVICE] [FILTER]: what the tests check, on a device of this machine (cuda, opencl:0 …; default: the first), for machines without an SDK.
GpuDevice? device = args.Length > 0 ? GpuDevices.Select(args[0])[0] : GpuDevices.All.Count > 0 ? GpuDevices.All[0] : null;
if (device is null)
{
    Console.Error.WriteLine("expected a GPU, found none");
    return 2;
}
Console.WriteLine($"{device.Id}: {device.Name}, {device.MemoryBytes / 1e9:n1} GB, {device.Multiprocessors} multiprocessors, {device.Driver}");
CheckedDevice own = CheckedDevice.Of(device), portable = own.WithPortableKernels();
int failed = 0, passed = 0;
foreach (Check check in GpuChecks.Of(portable, 64).Concat(GpuChecks.Of(own, 256)).Where(check => args.Length < 2 || check.Name.Contains(args[1], StringComparison.OrdinalIgnoreCase)))
{
    long started = Stopwatch.GetTimestamp();
    try
    {
        check.Run();
        passed++;
        Console.WriteLine($"passed   {check.Name} ({Stopwatch.GetElapsedTime(started).TotalMilliseconds:f0} ms)");
    }
    catch (Exception error) when (error is CheckFailedException or GpuException)
    {
        failed++;
        Console.WriteLine($"FAILED   {check.Name}: {error.Message}");
    }
}
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipes;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using AhnSharp.Cli;
using AhnSharp.Cli.Tests;

/// <summary>
/// Where <c>DOTNET_STARTUP_HOOKS</c> names these tests, the runtime calls this before the entry of <c>ahn.dll</c>: see
/// <see cref="WarmAhn"/>. The name is the runtime's.
/// </summary>
internal static class StartupHook
{
    private const int Input = 0;

    public static void Initialize()
    {
        // Programs that the command starts are none of this.
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null);
        // Opening duplicates: it stays what it is when the number is given to another pipe.
        using BinaryReader requests = new(Console.OpenStandardInput(), Encoding.UTF8);
        while (TryRead(requests, out byte[] mark)) RunOne(requests, mark);
        Environment.Exit(0);
    }

    private static void RunOne(BinaryReader requests, byte[] mark)
    {
        string[] arguments = new string[requests.ReadInt32()];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = requests.ReadString();
        Dictionary<string, string?> before = [];
        for (int count = requests.ReadInt32(); count > 0; count--)
        {
            string name = requests.ReadString();
            bool isSet = requests.ReadBoolean();
            string value = requests.ReadString();
            before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, isSet ? value : null);
        }
        GiveInput(Encoding.UTF8.GetBytes(requests.ReadString()));
        CommandStatics.PutBack();
        MethodInfo entry = typeof(AhnCommand).Assembly.EntryPoint!;
        int exitCode = (int)entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
        foreach ((string name, string? value) in before) Environment.SetEnvironmentVariable(name, value);
        Console.Out.Flush();
        Console.Error.Flush();
        using (Stream output = Console.OpenStandardOutput()) output.Write([.. mark, .. BitConverter.GetBytes(exitCode)]);
        using (Stream errors = Console.OpenStandardError()) errors.Write(mark);
    }

    // False where nobody asks any more.
    private static bool TryRead(BinaryReader requests, out byte[] mark)
    {
        mark = requests.ReadBytes(WarmAhn.MarkBytes);
        return mark.Length == WarmAhn.MarkBytes;
    }

    // A pipe as a shell makes it: it ends when the text has been read.
    private static void GiveInput(byte[] text)
    {
        AnonymousPipeServerStream pipe = new(PipeDirection.Out, HandleInheritability.None);
        if (Duplicate((int)pipe.ClientSafePipeHandle.DangerousGetHandle(), Input) < 0)
            throw new IOException($"standard input: {Marshal.GetLastPInvokeErrorMessage()}.");
        pipe.DisposeLocalCopyOfClientHandle();
        Console.SetIn(TextReader.Synchronized(new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false), false)));
        if (text.Length == 0) pipe.Dispose();
        else new Thread(() => Write(pipe, text)) { IsBackground = true, Name = "input" }.Start();
    }

    private static void Write(AnonymousPipeServerStream pipe, byte[] text)
    {
        try
        {
            using (pipe) pipe.Write(text);
        }
        catch (IOException)
        {
            // The command did not want it all.
        }
    }

    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static extern int Duplicate(int from, int to);
}

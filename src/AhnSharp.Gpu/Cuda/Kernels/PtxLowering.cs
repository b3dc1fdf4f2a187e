using System;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Types;
using ILGPU.IR.Values;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Teaches ILGPU's PTX generator the methods of <see cref="Ptx"/>.</summary>
/// <remarks>
/// ILGPU's own <c>CudaAsm</c> hands results back through local memory. A method that is known to the generator as an intrinsic keeps them
/// in registers, structs included, and its C# body is what other accelerators run.
/// </remarks>
internal static partial class PtxLowering
{
    /// <summary>Registers every method of <see cref="Ptx"/> that carries a <see cref="PtxInstructionAttribute"/>.</summary>
    /// <param name="builder">The context that is being built.</param>
    public static void Register(Context.Builder builder)
    {
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        foreach (MethodInfo method in typeof(Ptx).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            if (method.GetCustomAttribute<PtxInstructionAttribute>() is not null)
            {
                manager.RegisterMethod(
                    method, new PTXIntrinsic(typeof(PtxLowering), nameof(Generate), IntrinsicImplementationMode.GenerateCode));
            }
        }
    }

    private static void Generate(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        PtxInstructionAttribute instruction = call.Target.Source!.GetCustomAttribute<PtxInstructionAttribute>()!;
        if (backend.Capabilities.TargetArchitecture.Major < instruction.Major) return;

        var registers = new List<RegisterAllocator<PTXRegisterKind>.PrimitiveRegister>();
        if (call.Type is not VoidType)
        {
            Flatten(generator.Allocate(value), registers);
        }
        foreach (Value argument in call.Nodes)
        {
            Flatten(generator.Load(argument), registers);
        }

        generator.Builder.Append('\t');
        using (var emitter = new PTXCodeGenerator.CommandEmitter(generator.Builder, string.Empty, string.Empty))
        {
            foreach (string part in Registers().Split(instruction.Template))
            {
                if (part.StartsWith('%'))
                {
                    emitter.AppendArgument(registers[int.Parse(part.AsSpan(1), CultureInfo.InvariantCulture)]);
                }
                else
                {
                    emitter.AppendRawString(part);
                }
            }
        }
        generator.Builder.AppendLine();
    }

    private static void Flatten(
        RegisterAllocator<PTXRegisterKind>.Register register, List<RegisterAllocator<PTXRegisterKind>.PrimitiveRegister> registers)
    {
        if (register is RegisterAllocator<PTXRegisterKind>.CompoundRegister compound)
        {
            foreach (RegisterAllocator<PTXRegisterKind>.Register child in compound.Children)
            {
                Flatten(child, registers);
            }
        }
        else
        {
            registers.Add((RegisterAllocator<PTXRegisterKind>.PrimitiveRegister)register);
        }
    }

    [GeneratedRegex("(%[0-9]+)")]
    private static partial Regex Registers();
}

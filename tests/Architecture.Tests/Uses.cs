using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Sconce.Architecture.Tests;

/// <summary>What the code of a type refers to.</summary>
internal static class Uses
{
    /// <summary>A type, and all that are nested in it: those that the compiler makes of lambdas and iterators are among them.</summary>
    public static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);

    public static IEnumerable<MethodDefinition> Methods(TypeDefinition type) => WithNested(type).SelectMany(each => each.Methods);

    /// <summary>The texts in its code.</summary>
    public static IEnumerable<string> Texts(TypeDefinition type) => Methods(type).Where(method => method.HasBody)
        .SelectMany(method => method.Body.Instructions).Where(each => each.OpCode == OpCodes.Ldstr).Select(each => (string)each.Operand);

    /// <summary>The types that it derives from, holds, takes, gives and uses.</summary>
    public static IEnumerable<TypeReference> Of(TypeDefinition type) => WithNested(type).SelectMany(Direct).SelectMany(Parts).DistinctBy(each => each.FullName);

    private static IEnumerable<TypeReference> Direct(TypeDefinition type)
    {
        if (type.BaseType is not null)
            yield return type.BaseType;
        foreach (var used in type.Interfaces.Select(each => each.InterfaceType).Concat(type.Fields.Select(field => field.FieldType)).Concat(type.CustomAttributes.Select(each => each.AttributeType)))
            yield return used;
        foreach (var method in type.Methods)
        {
            foreach (var used in method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType))
                yield return used;
            if (!method.HasBody)
                continue;
            foreach (var used in method.Body.Variables.Select(variable => variable.VariableType))
                yield return used;
            foreach (var operand in method.Body.Instructions.Select(each => each.Operand))
            {
                if (operand is TypeReference used)
                    yield return used;
                else if (operand is MemberReference member)
                    foreach (var part in OfMember(member))
                        yield return part;
            }
        }
    }

    private static IEnumerable<TypeReference> OfMember(MemberReference member)
    {
        if (member.DeclaringType is not null)
            yield return member.DeclaringType;
        if (member is MethodReference method)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters)
                yield return parameter.ParameterType;
            if (method is GenericInstanceMethod generic)
                foreach (var argument in generic.GenericArguments)
                    yield return argument;
        }
        else if (member is FieldReference field)
        {
            yield return field.FieldType;
        }
    }

    /// <summary>A type with its elements and its arguments.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };
}

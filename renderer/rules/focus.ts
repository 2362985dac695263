type Control = 'switch' | 'edit' | 'duplicate' | 'delete';

/** @returns the id that a control of a rule's row has in the page */
export const controlId = (rule: string, control: Control): string => `rule-${rule}-${control}`;

/** @returns whether there is such a control; it has the focus then */
export function focusControl(rule: string, control: Control): boolean {
  const element = document.getElementById(controlId(rule, control));
  element?.focus();
  return element !== null;
}

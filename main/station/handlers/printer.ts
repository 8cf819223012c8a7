import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import type { StationServices } from '../station-services.ts';

type PrinterHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `printer.${string}`>>;

/** The entries of the contract about whole printers. */
export function printerHandlers({ printers }: Pick<StationServices, 'printers'>): PrinterHandlers {
  return {
    'printer.survey': (order, { signal }) => printers.survey(order, signal),
    'printer.plan': (order, { signal }) => printers.plan(order, signal),
    'printer.last': (order, { signal }) => printers.last(order, signal),
    'printer.update': (order) => printers.update(order),
    'printer.resume': (order) => printers.resume(order),
    'printer.rollback': (order) => printers.rollback(order),
    'printer.prove': (order) => printers.prove(order),
  };
}

      *> A form on a terminal, as COBOL has had it for decades:
      *>   cobc -x -free -o order examples/cobol/order.cob && awp -- ./order
identification division.
program-id. order-form.
data division.
working-storage section.
01 quantity pic 9(3).
01 price    pic 9(3) value 12.
01 total    pic z(5)9.
screen section.
01 form blank screen.
   05 line 2 col 4 value "ORDER FORM".
   05 line 4 col 4 value "Quantity:".
   05 line 4 col 15 pic 9(3) using quantity.
   05 line 5 col 4 value "Price:".
   05 line 5 col 15 pic 9(3) from price.
procedure division.
    display form
    accept form
    compute total = quantity * price
    display "Total: " line 7 col 4 total line 7 col 15
    display "Enter ends it." line 9 col 4
    accept omitted line 9 col 20
    stop run.
